#!/usr/bin/env node
// The command line is TypeScript run without a build step.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('../runtime/cli.ts');
await main(process.argv.slice(2));
