import { app, type Session, session, type WebContents } from 'electron';
import { offerSystemBrowser } from './external-links.ts';
import { decideNavigation, decideNewWindow, isAllowedPermission, isAllowedRequest } from './navigation-rules.ts';

/** First of all: what Chromium takes from its command line, and what every page will get, whoever makes it. */
export function setupProcessSecurity(): void {
  // Some launchers import this module only when Electron is ready; windows ask for the sandbox themselves in any case. Who starts it
  // with --no-sandbox means it: as root Chromium's processes could not start otherwise.
  if (!app.isReady() && !app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  // A management console on a closed network: Chromium's own errands (field trials, component updates) stay at home.
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('disable-component-update');
  app.commandLine.appendSwitch('no-pings');
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault();
    answer(false); // the console speaks plain HTTP on loopback: no page here has a certificate to be trusted
  });
  app.on('select-client-certificate', (event, _contents, _url, _list, answer) => {
    event.preventDefault();
    answer();
  });
  app.on('login', (event, _contents, _details, _authInfo, answer) => {
    event.preventDefault();
    answer(); // no names or passwords to whoever asks
  });
}

/** After `ready`, before the first window. `consoleOrigin` is the only origin that is ever loaded. */
export function setupPageSecurity(consoleOrigin: string): void {
  app.on('web-contents-created', (_event, contents) => lockNavigation(contents, consoleOrigin));
  lockSession(session.defaultSession, consoleOrigin);
}

function lockNavigation(contents: WebContents, consoleOrigin: string): void {
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (decideNewWindow(url, consoleOrigin) === 'offer-system-browser') offerSystemBrowser(contents, url);
    return { action: 'deny' };
  });
  contents.on('will-frame-navigate', (event) => {
    const decision = decideNavigation(event.url, consoleOrigin);
    if (decision === 'allow') return;
    event.preventDefault();
    if (decision === 'offer-system-browser' && event.isMainFrame) offerSystemBrowser(contents, event.url);
  });
  contents.on('will-redirect', (event) => {
    if (decideNavigation(event.url, consoleOrigin) !== 'allow') event.preventDefault();
  });
}

function lockSession(pages: Session, consoleOrigin: string): void {
  pages.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(isAllowedPermission(permission, details.requestingUrl, consoleOrigin));
  });
  pages.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    isAllowedPermission(permission, requestingOrigin, consoleOrigin),
  );
  pages.setDevicePermissionHandler(() => false);
  pages.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !isAllowedRequest(details.url, consoleOrigin) });
  });
}
