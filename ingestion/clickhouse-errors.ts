import { ClickHouseError } from './clickhouse.ts';

/**
 * What to do about a failed ClickHouse statement.
 * - `retry`: network, engine restarting, out of memory or disk: nothing is wrong with the change; keep the place and try again
 * - `row`: the statement's data can't be stored as it is: find the row, set it aside
 * - `stop`: tables and changes don't fit together, or we may not: a person has to look
 */
export type Verdict = 'retry' | 'row' | 'stop';

/** Codes of ClickHouse's ErrorCodes.cpp that speak about a value in the data. */
const ROW_CODES = new Set([
  '6', // CANNOT_PARSE_TEXT
  '7', // INCORRECT_NUMBER_OF_COLUMNS
  '25', // CANNOT_PARSE_ESCAPE_SEQUENCE
  '26', // CANNOT_PARSE_QUOTED_STRING
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '32', // ATTEMPT_TO_READ_AFTER_EOF
  '33', // CANNOT_READ_ALL_DATA
  '38', // CANNOT_PARSE_DATE
  '41', // CANNOT_PARSE_DATETIME
  '53', // TYPE_MISMATCH
  '69', // ARGUMENT_OUT_OF_BOUND
  '70', // CANNOT_CONVERT_TYPE
  '72', // CANNOT_PARSE_NUMBER
  '117', // INCORRECT_DATA
  '130', // CANNOT_READ_ARRAY_FROM_TEXT
  '131', // TOO_LARGE_STRING_SIZE
  '321', // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  '349', // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  '376', // CANNOT_PARSE_UUID
  '407', // DECIMAL_OVERFLOW
  '467', // CANNOT_PARSE_BOOL
  '469', // VIOLATED_CONSTRAINT
  '691', // UNKNOWN_ELEMENT_OF_ENUM
]);

const STOP_CODES = new Set([
  '16', // NO_SUCH_COLUMN_IN_TABLE
  '44', // ILLEGAL_COLUMN
  '47', // UNKNOWN_IDENTIFIER
  '60', // UNKNOWN_TABLE
  '62', // SYNTAX_ERROR
  '81', // UNKNOWN_DATABASE
  '164', // READONLY
  '497', // ACCESS_DENIED
  '516', // AUTHENTICATION_FAILED
]);

export function verdict(error: unknown): Verdict {
  if (!(error instanceof ClickHouseError)) return 'retry';
  if (ROW_CODES.has(error.code)) return 'row';
  return STOP_CODES.has(error.code) ? 'stop' : 'retry';
}
