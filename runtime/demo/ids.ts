import type { Random } from '../../verify/traffic/random.ts';

const words = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));

/** UUIDv7s of an entity's own time (milliseconds). A counter among the low bits keeps those of one source apart. */
export function idSource(random: Random): (time: number) => string {
  let count = 0;
  const bits = (width: number) => Math.floor(random.next() * 2 ** width);
  return (time) => {
    const high = Math.floor(time / 65_536);
    const stamp = `${words[Math.floor(high / 65_536)]}${words[high % 65_536]}-${words[Math.floor(time) % 65_536]}`;
    count++;
    const counter = `${words[Math.floor(count / 65_536)]}${words[count % 65_536]}`;
    return `${stamp}-${words[0x7000 + bits(12)]}-${words[0x8000 + bits(14)]}-${words[bits(16)]}${counter}`;
  };
}
