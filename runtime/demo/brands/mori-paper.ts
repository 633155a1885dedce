import type { BrandPlan } from '../brand-plan.ts';

/** Stationery, with prices in whole yen. For one day most card payments fail. */
export const moriPaper: BrandPlan = {
  slug: 'mori-paper',
  name: 'Mori Paper',
  currency: 'JPY',
  timezone: 'Asia/Tokyo',
  prefix: 'MP',
  ordersPerDay: 28,
  growth: 0.1,
  weekdays: [0.95, 0.95, 1, 1, 1.1, 1.15, 1.05],
  hours: 'shop',
  lines: [
    [1, 14],
    [2, 22],
    [3, 24],
    [4, 18],
    [5, 12],
    [6, 10],
  ],
  units: [
    [1, 70],
    [2, 18],
    [3, 8],
    [5, 4],
  ],
  channels: [
    ['web', 48],
    ['marketplace', 40],
    ['store', 12],
  ],
  countries: [
    { country: 'Japan', weight: 88, transit: [1, 2], promise: 4, warehouse: 'main' },
    { country: 'Taiwan', weight: 7, transit: [3, 5], promise: 9, warehouse: 'main' },
    { country: 'South Korea', weight: 5, transit: [3, 5], promise: 9, warehouse: 'main' },
  ],
  warehouses: [
    {
      code: 'main',
      name: 'Saitama',
      country: 'Japan',
      carriers: [
        ['Yamato', 60],
        ['Japan Post', 40],
      ],
    },
  ],
  handling: [
    [0, 60],
    [1, 36],
    [2, 4],
  ],
  payments: [
    { method: 'card', weight: 62, failing: 0.025 },
    { method: 'konbini', weight: 26, failing: 0.05 },
    { method: 'paypay', weight: 12, failing: 0.02 },
  ],
  tax: 100,
  shipping: { fee: 550, freeFrom: 5000 },
  returning: 0.5,
  cancelled: 0.012,
  names: 'japanese',
  products: [
    { key: 'NB-A5', name: 'Notebook A5', category: 'Notebooks', price: 880, cost: 310, weight: 14, returns: 0.004 },
    { key: 'NB-A6', name: 'Notebook A6', category: 'Notebooks', price: 660, cost: 220, weight: 12, returns: 0.004 },
    { key: 'PLAN', name: 'Weekly Planner', category: 'Notebooks', price: 2200, cost: 760, weight: 5, returns: 0.01 },
    { key: 'FP-F', name: 'Fountain Pen, Fine', category: 'Pens', price: 5500, cost: 2400, weight: 3, returns: 0.02 },
    { key: 'FP-M', name: 'Fountain Pen, Medium', category: 'Pens', price: 5500, cost: 2400, weight: 2, returns: 0.02 },
    { key: 'GEL', name: 'Gel Pens, Set of Five', category: 'Pens', price: 1100, cost: 380, weight: 11, returns: 0.003 },
    { key: 'INK-B', name: 'Bottled Ink, Blue', category: 'Ink', price: 1980, cost: 640, weight: 5, returns: 0.005 },
    { key: 'INK-G', name: 'Bottled Ink, Pine', category: 'Ink', price: 1980, cost: 640, weight: 4, returns: 0.005 },
    { key: 'WASHI', name: 'Washi Tape', category: 'Craft', price: 380, cost: 110, weight: 16, returns: 0.001 },
    { key: 'ORI', name: 'Origami Paper', category: 'Craft', price: 550, cost: 170, weight: 9, returns: 0.001 },
    { key: 'STAMP', name: 'Seal and Case', category: 'Craft', price: 2750, cost: 1100, weight: 2, returns: 0.01 },
    { key: 'CARD', name: 'Letterpress Cards', category: 'Cards', price: 770, cost: 260, weight: 8, returns: 0.002 },
  ],
  stories: [{ kind: 'payment-outage', method: 'card', failing: 0.9, from: -6, to: -6 }],
};
