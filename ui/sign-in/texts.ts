export const texts = {
  product: 'Unified Commerce OS',
  promise: 'Every number exact, fresh, and yours alone.',
  email: 'E-mail',
  password: 'Password',
  tenant: 'Brand',
  tenantHint: 'Only if you work for several brands: its short name',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
  toDocs: 'API documentation',
} as const;
