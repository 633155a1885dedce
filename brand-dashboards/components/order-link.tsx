import { Link } from '@tanstack/react-router';

/** To an order's page. */
export function OrderLink({ number }: { readonly number: string }) {
  return (
    <Link
      to="/orders/$number"
      params={{ number }}
      search={((before: Record<string, unknown>) => ({ ...before, rows: undefined })) as never}
    >
      {number}
    </Link>
  );
}

/** To the orders of a customer. */
export function CustomerLink({ id }: { readonly id: string }) {
  return (
    <Link to="/orders" search={{ by: 'customer', q: id, period: 'year_to_date' } as never} className="number">
      {`…${id.slice(-12)}`}
    </Link>
  );
}
