import type { BrandPlan } from './brand-plan.ts';

/** Invented people; none is anybody's. */
export const NAMES: Readonly<Record<BrandPlan['names'], readonly [first: readonly string[], last: readonly string[]]>> = {
  british: [
    ['Alice', 'Ben', 'Chloe', 'Daniel', 'Emma', 'Finn', 'Grace', 'Harry', 'Isla', 'Jack', 'Lucy', 'Owen', 'Poppy', 'Tom'],
    ['Archer', 'Barlow', 'Clarke', 'Dawson', 'Ellis', 'Fletcher', 'Hughes', 'Marsh', 'Norton', 'Parker', 'Shaw', 'Webb'],
  ],
  french: [
    ['Camille', 'Chloé', 'Emma', 'Hugo', 'Inès', 'Jules', 'Léa', 'Louis', 'Lucie', 'Manon', 'Nina', 'Paul', 'Sarah', 'Zoé'],
    ['Bernard', 'Dubois', 'Durand', 'Fontaine', 'Garnier', 'Laurent', 'Leroy', 'Martin', 'Moreau', 'Petit', 'Roux'],
  ],
  american: [
    ['Ava', 'Caleb', 'Dana', 'Ethan', 'Hannah', 'Jordan', 'Kayla', 'Liam', 'Maya', 'Noah', 'Olivia', 'Ryan', 'Sofia', 'Tyler'],
    ['Adams', 'Brooks', 'Carter', 'Diaz', 'Evans', 'Foster', 'Garcia', 'Hayes', 'Kim', 'Lopez', 'Nguyen', 'Reed', 'Turner'],
  ],
  indian: [
    ['Aarav', 'Aditi', 'Ananya', 'Arjun', 'Diya', 'Isha', 'Kabir', 'Kavya', 'Meera', 'Neha', 'Priya', 'Rohan', 'Vikram'],
    ['Bose', 'Das', 'Gupta', 'Iyer', 'Joshi', 'Kapoor', 'Mehta', 'Nair', 'Patel', 'Rao', 'Reddy', 'Sharma', 'Singh'],
  ],
  japanese: [
    ['Akari', 'Daiki', 'Haruka', 'Hina', 'Kaito', 'Mei', 'Ren', 'Rin', 'Saki', 'Sora', 'Takumi', 'Yui', 'Yuto'],
    ['Abe', 'Fujita', 'Hayashi', 'Inoue', 'Ito', 'Kato', 'Mori', 'Nakamura', 'Sato', 'Suzuki', 'Tanaka', 'Yamada'],
  ],
  business: [
    ['Bay', 'Coastal', 'Eyre', 'Gulf', 'Hills', 'Mallee', 'Murray', 'Northern', 'Outer', 'Plains', 'Range', 'Southern'],
    ['Builders', 'Electrical', 'Engineering', 'Farms', 'Joinery', 'Mechanics', 'Motors', 'Plumbing', 'Roofing', 'Welding'],
  ],
};
