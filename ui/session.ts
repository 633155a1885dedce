import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiProblem, api, goToSignIn } from './api.ts';
import { lookingAt } from './looking-at.ts';

/** Who is signed in (GET /api/v1/auth/me). */
export interface Session {
  readonly role: string;
  readonly permissions: readonly string[];
  readonly user: { readonly id: string; readonly email: string; readonly name: string } | null;
  readonly brand: { readonly id: string; readonly slug: string; readonly name: string } | null;
  /** Until when a generated password works; null for one that was chosen. */
  readonly passwordExpiresAt: string | null;
}

export const readSession = async () => {
  const session = await api<Session>('/api/v1/auth/me');
  // Who looks at a brand from outside changes nothing there, so nothing is offered that would.
  return lookingAt === null
    ? session
    : { ...session, permissions: session.permissions.filter((id) => /\.(read|sql)$/.test(id)) };
};

/** Undefined until it is known; who has none is led to sign-in. */
export function useSession(): Session | undefined {
  const { data, error } = useQuery({ queryKey: ['session'], queryFn: readSession, staleTime: 60_000 });
  const isStranger = error instanceof ApiProblem && error.status === 401;
  useEffect(() => {
    if (isStranger) goToSignIn();
  }, [isStranger]);
  return data;
}

const PLATFORM_ROLES = new Set(['platform_admin', 'executive']);

/** Where a role begins its day. */
export function homeOf({ role }: Session): '/control-tower/' | '/brand/' {
  return PLATFORM_ROLES.has(role) ? '/control-tower/' : '/brand/';
}

/**
 * The session, once it is known to belong here; leads everybody else to their place (the API would refuse them anyway). Platform roles
 * belong to a brand's dashboards when the address names the brand; a brand's people never do then, whichever brand it names.
 */
export function useSessionOf(home: ReturnType<typeof homeOf>): Session | undefined {
  const session = useSession();
  const belongs = session && (lookingAt === null ? homeOf(session) === home : homeOf(session) === '/control-tower/');
  const isElsewhere = session !== undefined && !belongs;
  useEffect(() => {
    if (isElsewhere && session) location.replace(homeOf(session));
  }, [isElsewhere, session]);
  return isElsewhere ? undefined : session;
}
