/** How the console is built, and served with hot reload by `npm run dev` in front of a Notification Server. */
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { consoleExtras } from './console-extras/plugin.ts';

const root = path.resolve(import.meta.dirname, '..');

/** The console listener of a running `fanout serve` or desktop application. */
const consoleOrigin = process.env.FANOUT_CONSOLE_ORIGIN ?? 'http://127.0.0.1:27802';

export default defineConfig({
  root: path.join(root, 'renderer'),
  cacheDir: path.join(root, '.cache/vite'),
  plugins: [react(), consoleExtras(root)],
  build: {
    target: 'chrome130', // Electron 33, the oldest supported
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: addresses
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4_000,
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': {
        target: consoleOrigin,
        ws: true,
        changeOrigin: true,
        // The console listener refuses foreign origins; the development server stands in front of it on purpose.
        headers: { origin: consoleOrigin },
      },
    },
  },
});
