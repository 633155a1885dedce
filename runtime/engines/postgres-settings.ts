import { statfsSync } from 'node:fs';

const gigabyte = 1024 ** 3;

/**
 * How much write-ahead log a stopped reader may hold back, in MB: a quarter of the free disk, 2 to 64 GB. Beyond it the slot
 * is given up (and a new snapshot taken) rather than the disk filled, which would stop the brands' business.
 */
export function slotKeepMegabytes(freeBytes: number): number {
  return Math.round(Math.min(Math.max(freeBytes / 4, 2 * gigabyte), 64 * gigabyte) / 1024 ** 2);
}

/** Server settings of the embedded Postgres, given on the command line so that a new release can change them. */
export function postgresSettings(dataDir: string, port: number): Record<string, string> {
  const { bavail, bsize } = statfsSync(dataDir);
  return {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    wal_level: 'logical',
    max_wal_senders: '20',
    max_replication_slots: '20',
    max_slot_wal_keep_size: `${slotKeepMegabytes(bavail * bsize)}MB`,
    max_connections: '100',
    shared_buffers: '128MB',
    // Checkpoints by time rather than size while importing, yet a crash is recovered from in seconds.
    max_wal_size: '2GB',
    checkpoint_timeout: '10min',
    // Analytics run elsewhere: short statements gain nothing from compiling, and workers would take the other engine's cores.
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    random_page_cost: '1.1',
    // A broken statement's text may hold personal data; the error alone says enough.
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
  };
}
