import { BlockList, isIP } from 'node:net';

/** Addresses and CIDR ranges, IPv4 and IPv6. Throws a RangeError that names what is neither. */
export class AddressRanges {
  readonly #list = new BlockList();
  readonly #isEmpty: boolean;

  constructor(ranges: readonly string[]) {
    this.#isEmpty = ranges.length === 0;
    for (const range of ranges) {
      const [address = '', prefix, ...more] = range.split('/');
      const family = isIP(address);
      const longest = family === 6 ? 128 : 32;
      const bits = prefix === undefined ? longest : Number(prefix);
      // A prefix of 0 is everybody.
      const isRange =
        family !== 0 && more.length === 0 && /^(\d+|)$/.test(prefix ?? '') && bits >= 1 && bits <= longest;
      if (!isRange) throw new RangeError(`${range} is neither an address nor a range like 10.0.0.0/8 or fd00::/8`);
      this.#list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
    }
  }

  /** IPv4 written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4; what is no address is in none. */
  has(address: string): boolean {
    // Asked at every request, mostly of an instance without proxies: BlockList would make an object for it each time.
    if (this.#isEmpty) return false;
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}
