import type { Lsn } from '../change-source.ts';
import { postgresNow } from './commit-time.ts';

/**
 * A Standby status update. All three positions are the acknowledged one: Postgres forgets what is before `flush`, and while
 * `write` is behind it keeps telling how far it has read (keepalives).
 */
export function standbyStatus(acknowledged: Lsn): Buffer {
  const message = Buffer.alloc(39);
  message[0] = 0x64; // CopyData
  message.writeUInt32BE(38, 1);
  message[5] = 0x72; // Standby status update
  message.writeBigUInt64BE(acknowledged, 6);
  message.writeBigUInt64BE(acknowledged, 14);
  message.writeBigUInt64BE(acknowledged, 22);
  message.writeBigInt64BE(postgresNow(), 30);
  message[38] = 0; // no reply wanted
  return message;
}
