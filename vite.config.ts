import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the pages that the API serves: sign-in at `/`, `/control-tower/`, `/brand/`. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    target: 'es2023',
    sourcemap: false,
    rolldownOptions: {
      input: {
        'sign-in': 'ui/sign-in/index.html',
        brand: 'brand-dashboards/index.html',
        'control-tower': 'control-tower/index.html',
      },
    },
  },
  // For `npm run dev:ui` beside a running instance.
  server: { proxy: { '/api': 'http://127.0.0.1:3000' } },
});
