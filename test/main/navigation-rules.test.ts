import { describe, expect, it } from 'vitest';
import {
  decideNavigation,
  decideNewWindow,
  isAllowedPermission,
  isAllowedRequest,
} from '../../electron/main/navigation-rules.ts';

const consoleOrigin = 'http://127.0.0.1:27802';

describe('navigation of the window', () => {
  it.each([`${consoleOrigin}/`, `${consoleOrigin}/agents/12?tab=peers#top`])('stays with the console: %s', (url) => {
    expect(decideNavigation(url, consoleOrigin)).toBe('allow');
  });

  it('offers https addresses to the system browser', () => {
    expect(decideNavigation('https://example.org/help', consoleOrigin)).toBe('offer-system-browser');
  });

  it.each([
    'http://example.org/',
    'http://127.0.0.1:27803/',
    'http://localhost:27802/',
    'http://127.0.0.1:27802@example.org/',
    'https://someone:secret@example.org/',
    'file:///etc/passwd',
    'data:text/html,<script></script>',
    'javascript:alert(1)',
    'smb://server/share',
    'about:blank',
    'not an address',
  ])('refuses %s', (url) => {
    expect(decideNavigation(url, consoleOrigin)).toBe('refuse');
  });

  it('opens no second window, not even of the console', () => {
    expect(decideNewWindow(`${consoleOrigin}/agents`, consoleOrigin)).toBe('refuse');
    expect(decideNewWindow('https://example.org/', consoleOrigin)).toBe('offer-system-browser');
  });
});

describe('requests of the window', () => {
  it.each([
    `${consoleOrigin}/api/v1/overview`,
    'ws://127.0.0.1:27802/api/v1/feed',
    'data:,x',
    `blob:${consoleOrigin}/1`,
  ])('may go to %s', (url) => {
    expect(isAllowedRequest(url, consoleOrigin)).toBe(true);
  });

  it.each(['https://example.org/x.js', 'ws://127.0.0.1:1/', 'http://127.0.0.1:27800/', 'file:///etc/passwd', ''])(
    'may not go to %j',
    (url) => {
      expect(isAllowedRequest(url, consoleOrigin)).toBe(false);
    },
  );
});

describe('permissions of the window', () => {
  it('lets the console alone write to the clipboard', () => {
    expect(isAllowedPermission('clipboard-sanitized-write', `${consoleOrigin}/`, consoleOrigin)).toBe(true);
    expect(isAllowedPermission('clipboard-sanitized-write', 'https://example.org/', consoleOrigin)).toBe(false);
  });

  it.each(['geolocation', 'media', 'notifications', 'clipboard-read', 'openExternal', 'usb', 'hid', 'serial'])(
    'refuses %s to everybody',
    (permission) => {
      expect(isAllowedPermission(permission, `${consoleOrigin}/`, consoleOrigin)).toBe(false);
    },
  );
});
