import type { Lsn } from './change-source.ts';

/** Bits of a version that hold the position; the source generation stands above them. 2^48 bytes are 256 TB of log. */
const positionBits = 48n;

/** Reads Postgres' text form, such as `16/B374D848`. Throws on anything else. */
export function parseLsn(text: string): Lsn {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  if (!match) throw new Error(`not a log position (X/Y expected): ${JSON.stringify(text)}`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** Postgres' text form of a position. */
export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`;
}

/**
 * `_version` of a raw row: the position of its own change below the source's generation. Snapshot rows have position 0, so
 * that every streamed change of the same generation wins, and a later generation wins over all earlier ones.
 */
export function versionOf(generation: number, lsn: Lsn): bigint {
  if (lsn >> positionBits !== 0n) throw new Error(`log position ${formatLsn(lsn)} does not fit 48 bits`);
  return (BigInt(generation) << positionBits) | lsn;
}

/** The parts of a `_version`. */
export function splitVersion(version: bigint): { generation: number; lsn: Lsn } {
  return { generation: Number(version >> positionBits), lsn: version & ((1n << positionBits) - 1n) };
}
