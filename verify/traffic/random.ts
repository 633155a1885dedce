/** Seeded randomness: the same seed yields the same values, ids included. Not for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number in [low, high]. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A stream of its own that depends on this seed and the label only. */
  fork(label: string): Random;
}

function hash(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32: small, well mixed, enough for traffic.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    fork: (label) => createRandom((seed ^ hash(label)) >>> 0),
  };
}

/** A UUIDv7 of that time (milliseconds). */
export function uuidAt(random: Random, time: number): string {
  const hex = (digits: number) => {
    let out = '';
    while (out.length < digits)
      out += Math.floor(random.next() * 65_536)
        .toString(16)
        .padStart(4, '0');
    return out.slice(0, digits);
  };
  const stamp = Math.floor(time).toString(16).padStart(12, '0');
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${hex(3)}-${random.pick(['8', '9', 'a', 'b'])}${hex(3)}-${hex(12)}`;
}

/** Non-negative decimal text with up to four places, sometimes beyond what a float holds. */
export function money(random: Random, high = 500): string {
  if (random.chance(0.02)) return `${random.integer(9_007_199_254, 90_071_992_547)}99999.${random.integer(1000, 9999)}`;
  return `${random.integer(0, high)}.${random.integer(0, 9999).toString().padStart(4, '0')}`;
}

const texts = [
  'plain',
  '',
  'tab\there',
  'line\nbreak',
  'carriage\rreturn\r\n',
  'back\\slash \\N \\t',
  `quotes ' " \``,
  'Ünïcödé ñ 漢字',
  'emoji 🛒👩‍👩‍👧',
  '\\N',
  'comma, semicolon; {brace} [bracket]',
  '\u0001\u001f control',
];

export function text(random: Random): string {
  return random.chance(0.5) ? `text ${random.integer(1, 1_000_000)}` : random.pick(texts);
}

/** Text that Postgres moves out of the row (TOAST): incompressible, `bytes` long. */
export function largeText(random: Random, bytes: number): string {
  const words = Array.from({ length: Math.ceil(bytes / 7) }, () =>
    Math.floor(random.next() * 2 ** 32)
      .toString(36)
      .padStart(6),
  );
  return words.join(random.pick(['\t', '\\', '\n', ' '])).slice(0, bytes);
}
