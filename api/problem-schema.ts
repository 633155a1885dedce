import { z } from '@hono/zod-openapi';
import { type ProblemType, problemTypes, problemTypeUri } from './problem.ts';

export const problemSchema = z
  .looseObject({
    type: z.enum(Object.keys(problemTypes).map((type) => problemTypeUri(type as ProblemType)) as [string, ...string[]]),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

/** Entries for an endpoint's `responses`. */
export function problemResponses(...statuses: number[]) {
  const entries = statuses.map((status) => {
    const titles = Object.values(problemTypes).filter((type) => type.status === status);
    const description = titles.map(({ title }) => title).join('; ');
    return [status, { description, content: { 'application/problem+json': { schema: problemSchema } } }];
  });
  return Object.fromEntries(entries) as Record<never, never>;
}
