import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './app/app.tsx';
import { startClock } from './stores/clock-store.ts';
import { connectAddressBar, pathOfHash, takeAddress } from './stores/route-store.ts';
import { openSession, tokenOfAddress } from './stores/session-store.ts';

// The Content-Security-Policy forbids code made at run time, which zod would try for speed.
z.config({ jitless: true });

// The token goes first: it must not stay in the address, nor be taken for a page.
const token = tokenOfAddress(new URL(window.location.href));
if (token !== null || window.location.pathname.endsWith('/sign-in')) {
  window.history.replaceState(null, '', '/#/overview');
}

connectAddressBar({
  read: () => pathOfHash(window.location.hash),
  push: (path) => window.history.pushState(null, '', `#${path}`),
  replace: (path) => window.history.replaceState(null, '', `#${path}`),
});
window.addEventListener('hashchange', () => takeAddress(pathOfHash(window.location.hash)));
window.addEventListener('popstate', () => takeAddress(pathOfHash(window.location.hash)));

void openSession(token);
startClock();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
