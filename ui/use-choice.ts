import { useNavigate, useSearch } from '@tanstack/react-router';

/** One of some choices of a page, in its URL under `name`; the first is what an URL without it means. */
export function useChoice<Choice extends string>(
  name: string,
  choices: readonly [Choice, ...Choice[]],
): [Choice, (choice: Choice) => void] {
  const [value, set] = useSearchText(name);
  return [choices.find((choice) => choice === value) ?? choices[0], set];
}

/** A text of a page, in its URL under `name`; '' when it is not there. */
export function useSearchText(name: string): [string, (text: string) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const value = search[name];
  const set = (text: string) =>
    void navigate({
      to: '.',
      resetScroll: false,
      search: ((before: Record<string, unknown>) => ({ ...before, [name]: text === '' ? undefined : text })) as never,
    });
  // The router reads `123` as a number.
  return [value === undefined || value === null ? '' : String(value), set];
}
