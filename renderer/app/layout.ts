/** A small window, or a larger one at 200 %: the navigation leaves its place and opens over the page. */
export const narrow = '@media (max-width: 860px)';

/** The element that the header's button opens. */
export const navigationId = 'console-navigation';
