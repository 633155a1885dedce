import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDateFormat, readIso } from './date-format.ts';
import { readDecimal, readInteger, scaled } from './decimal-text.ts';
import { parseImportMap } from './import-map.ts';
import { ImportRefused } from './import-refused.ts';
import { ZoneClock } from './local-time.ts';
import { compileRowReader, type RowReader } from './row-reader.ts';

const instant = (zone: string, text: string) => {
  const clock = readIso(text);
  return clock && new ZoneClock(zone).instant(clock);
};

describe('local times', () => {
  it('follow the clocks of the zone', () => {
    expect(instant('Europe/London', '2024-03-31T00:59:59')).toBe('2024-03-31T00:59:59.000000Z');
    expect(instant('Europe/London', '2024-03-31T01:30:00')).toEqual({ none: 'gap' });
    expect(instant('Europe/London', '2024-03-31T02:00:00')).toBe('2024-03-31T01:00:00.000000Z');
    expect(instant('Europe/London', '2024-10-27T01:30:00')).toBe('2024-10-27T00:30:00.000000Z');
    expect(instant('Australia/Lord_Howe', '2024-10-06T02:15:00')).toEqual({ none: 'gap' });
    expect(instant('Asia/Kathmandu', '2024-01-01T00:00:00.123456789')).toBe('2023-12-31T18:15:00.123456Z');
    // A day that was skipped whole, and one whose midnight was.
    expect(instant('Pacific/Apia', '2011-12-30T12:00:00')).toEqual({ none: 'gap' });
    expect(instant('America/Sao_Paulo', '2018-11-04')).toBe('2018-11-04T03:00:00.000000Z');
    expect(instant('UTC', '0001-01-01')).toEqual({ none: 'range' });
  });

  it('come back from every instant of every zone', () => {
    const zones = [
      'Europe/London',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'Pacific/Apia',
    ];
    const clocks = new Map(zones.map((zone) => [zone, new ZoneClock(zone)]));
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: -2e12, max: 4e12 }), (zone, ms) => {
        const utc = Math.floor(ms / 1000) * 1000;
        const parts = new Intl.DateTimeFormat('sv-SE', {
          timeZone: zone,
          dateStyle: 'short',
          timeStyle: 'medium',
        }).format(utc);
        const clock = readIso(parts);
        const found = clock && clocks.get(zone)?.instant(clock);
        // The earlier of two instants that read alike.
        const back = typeof found === 'string' ? Date.parse(found) : Number.NaN;
        return back === utc || (back < utc && utc - back <= 3 * 3_600_000);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('formats', () => {
  it('of dates are read as the map says, and impossible dates are not', () => {
    const read = compileDateFormat("d.M.yyyy 'um' h:mm a");
    expect(read('7.2.2024 um 12:05 AM')).toMatchObject({
      year: 2024,
      month: 2,
      day: 7,
      hour: 0,
      minute: 5,
      dateOnly: false,
    });
    expect(read('30.2.2024 um 1:05 AM')).toBeUndefined();
    expect(compileDateFormat('MM/dd/yyyy')('02/29/2023')).toBeUndefined();
    expect(() => compileDateFormat('YYYY-MM-dd')).toThrow(/unknown date token "YYYY"/);
  });

  it('of numbers stay exact', () => {
    expect(readDecimal('123456789012345.6789')).toBe('123456789012345.6789');
    expect(readDecimal('1.00010000')).toBe('1.00010000');
    expect(readDecimal('1.00001')).toEqual({ none: 'decimals' });
    expect(readDecimal('1234567890123456')).toEqual({ none: 'range' });
    for (const text of ['', '.', '1e3', '1,5', 'NaN', 'Infinity', '0x1', '1 0'])
      expect(readDecimal(text)).toEqual({ none: 'number' });
    expect([readInteger('-6'), readInteger('6.0'), readInteger('6.5'), readInteger('3000000000')]).toEqual([
      -6,
      6,
      undefined,
      'range',
    ]);
    expect(scaled('-1.5')).toBe(-15000n);
  });
});

const compiled = (header: string[], map: unknown): RowReader => {
  const reader = compileRowReader(header, parseImportMap(map, 'map.json'));
  if (Array.isArray(reader)) throw new Error(JSON.stringify(reader));
  return reader;
};
const HEADER = ['No', 'Code', 'Qty', 'Price', 'When', 'Client'];
const COLUMNS = {
  order_id: 'No',
  sku: 'Code',
  quantity: 'Qty',
  unit_price: { from: 'Price', decimal: ',' },
  placed_at: 'When',
};

describe('a map', () => {
  it('brings headers, formats and rules to canonical columns', () => {
    const reader = compiled(HEADER, {
      columns: {
        ...COLUMNS,
        customer_id: { from: 'Client', strip: '\\.0$', empty: ['-'] },
        channel: { value: 'shop' },
      },
      rules: [
        { when: { order_id: { startsWith: 'A' } }, set: { type: 'adjustment' } },
        { when: { unit_price: { equals: 0 } }, set: { type: 'stock_adjustment' } },
        { when: { quantity: { lessThan: 0 } }, set: { type: 'return' } },
      ],
    });
    const row = (...cells: string[]) => reader.read(cells);
    expect(row('A1', 'x', '-1', '0,00', '', '17850.0')).toMatchObject({
      type: 'adjustment',
      unit_price: '0.00',
      customer_id: '17850',
      channel: 'shop',
    });
    expect(row('1', 'x', '-1', '0', '', '-')).toMatchObject({ type: 'stock_adjustment', customer_id: '' });
    expect(row('1', 'x', '-1', '1.234,5', '', '')).toMatchObject({ type: 'return', unit_price: '1234.5' });
    expect(row('1', 'x', '1', '2', '', '')).toMatchObject({ type: '' });
    // Not a number in this format: it must not become another number.
    expect(readDecimal(row('1', 'x', '1', '1.5', '', '').unit_price)).toEqual({ none: 'number' });
  });

  // The rule that a plain loop over the rules finds first is the one applied, whatever rules and values there are.
  it('applies the first rule that holds, for any rules and rows', () => {
    const text = fc.constantFrom('', 'A', 'A1', 'B', 'C9', '-2', '0', '0.00', '3', '7');
    const condition = fc.oneof(
      fc.record({ startsWith: text }),
      fc.record({ equals: fc.oneof(text, fc.integer({ min: -2, max: 3 })) }),
      fc.record({ lessThan: fc.integer({ min: -3, max: 5 }) }),
      fc.record({ empty: fc.boolean() }),
    );
    const rule = fc.record({
      when: fc.record({ order_id: condition, quantity: condition }, { requiredKeys: [] }),
      set: fc.record({ channel: fc.string() }),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), text, text, (rules, orderId, quantity) => {
        const row = compiled(HEADER, { columns: COLUMNS, rules }).read([orderId, 'x', quantity, '1', '', '']);
        const cells = { order_id: orderId, quantity };
        const expected = rules.find(({ when }) =>
          (['order_id', 'quantity'] as const).every((column) => {
            const test = when[column] as
              | { startsWith?: string; equals?: string | number; lessThan?: number; empty?: boolean }
              | undefined;
            const cell = cells[column];
            if (test === undefined) return true;
            if (test.startsWith !== undefined) return cell.slice(0, test.startsWith.length) === test.startsWith;
            if (test.equals !== undefined)
              return typeof test.equals === 'string' ? cell === test.equals : cell !== '' && +cell === test.equals;
            if (test.lessThan !== undefined) return cell !== '' && +cell < test.lessThan;
            return test.empty === (cell.length === 0);
          }),
        );
        expect(row.channel).toBe(expected?.set.channel ?? '');
      }),
    );
  });

  it('that is wrong says where', () => {
    const of = (map: unknown) => {
      try {
        return parseImportMap(map, 'my.json') && 'fine';
      } catch (error) {
        if (!(error instanceof ImportRefused)) throw error;
        return error.message;
      }
    };
    expect(of({ columns: { order: 'No' } })).toMatch(/my\.json.*\n.*columns.*order/s);
    expect(of({ columns: { placed_at: { from: 'When', dateFormat: 'DD/MM/yyyy' } } })).toMatch(
      /columns\.placed_at.*unknown date token "DD"/s,
    );
    expect(of({ rules: [{ when: { sku: { starts: 'A' } }, set: {} }] })).toMatch(/rules\.0\.when\.sku.*starts/s);
    expect(of({ columns: { sku: { from: 'a', value: 'b' } } })).toMatch(/either "from"/);
    const missing = compileRowReader(HEADER, parseImportMap({ columns: { ...COLUMNS, sku: 'SKU' } }, 'm'));
    expect(missing).toMatchObject([{ line: 1, column: 'SKU', code: 'header' }]);
  });
});
