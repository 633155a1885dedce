import { totalmem } from 'node:os';

/**
 * Server settings of the embedded ClickHouse. Small caches: it shares a modest machine with Postgres and ourselves, and the
 * page cache of the operating system holds what is hot. System log tables are not configured, so none is written.
 */
export function configXml(usersFile: string): string {
  // A statement that wants more fails, instead of the machine swapping or its killer choosing a victim.
  const memory = Math.min(4 * 1024 ** 3, Math.floor(totalmem() / 2));
  return `<clickhouse>
  <user_directories><users_xml><path>${usersFile}</path></users_xml></user_directories>
  <users_config>${usersFile}</users_config>
  <access_control_improvements>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
    <select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
  </access_control_improvements>
  <max_server_memory_usage>${memory}</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <primary_index_cache_size>67108864</primary_index_cache_size>
  <mmap_cache_size>256</mmap_cache_size>
  <background_schedule_pool_size>16</background_schedule_pool_size>
  <background_pool_size>4</background_pool_size>
  <background_common_pool_size>2</background_common_pool_size>
  <background_fetches_pool_size>1</background_fetches_pool_size>
  <background_move_pool_size>1</background_move_pool_size>
</clickhouse>
`;
}
