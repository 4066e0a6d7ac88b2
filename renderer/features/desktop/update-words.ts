import type { UpdateState } from '../../../shared/contracts/desktop-bridge.ts';

export function updateWords(state: UpdateState): string {
  switch (state.kind) {
    case 'off':
      return 'No update feed is set.';
    case 'unknown':
      return 'Nobody has looked for a new version since the start.';
    case 'checking':
      return 'Looking for a new version …';
    case 'newest':
      return 'This is the newest version.';
    case 'available':
      return state.obstacle === ''
        ? `Fanout ${state.version} is there.`
        : `Fanout ${state.version} is there. ${state.obstacle}`;
    case 'downloading':
      return `Downloading Fanout ${state.version}: ${Math.floor(state.percent)} %`;
    case 'downloaded':
      return `Fanout ${state.version} is downloaded and checked.`;
    case 'installing':
      return `Fanout stops, and ${state.version} starts.`;
    case 'failed':
      return state.message;
  }
}
