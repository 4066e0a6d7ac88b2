import { type BrandVariants, createDarkTheme, createLightTheme, type Theme } from '@fluentui/react-components';
import { useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { theme } from '../services.ts';

/** A calm blue; the product's mark has shade 80. */
const brand: BrandVariants = {
  10: '#020408',
  20: '#0a1a2b',
  30: '#0a2a49',
  40: '#09375f',
  50: '#0a4475',
  60: '#0c508a',
  70: '#0e5a98',
  80: '#0f639f',
  90: '#2773ad',
  100: '#3d83ba',
  110: '#5393c6',
  120: '#6aa4d1',
  130: '#83b5dc',
  140: '#9dc6e6',
  150: '#b9d8f0',
  160: '#d6e9f8',
};

const fonts = {
  fontFamilyBase:
    "'Segoe UI', 'Segoe UI Web (West European)', -apple-system, BlinkMacSystemFont, Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif",
};
const lightTheme: Theme = { ...createLightTheme(brand), ...fonts };
const dark = createDarkTheme(brand);
const darkTheme: Theme = {
  ...dark,
  ...fonts,
  colorBrandForeground1: brand[120],
  colorBrandForeground2: brand[130],
  colorBrandForegroundLink: brand[130],
  colorBrandForegroundLinkHover: brand[140],
  colorBrandForegroundLinkPressed: brand[120],
};

/**
 * Okabe–Ito: told apart with every kind of colour blindness; peer areas are hatched as well. Brighter on dark, so that
 * both keep 3 : 1 against the page.
 */
export interface SeriesColours {
  readonly direct: string;
  readonly peer: string;
}
const lightSeries: SeriesColours = { direct: '#c2550a', peer: '#0072b2' };
const darkSeries: SeriesColours = { direct: '#e69f00', peer: '#56b4e9' };

function useMediaQuery(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    () => window.matchMedia(query).matches,
  );
}

export function useIsDark(): boolean {
  const choice = useStore(theme.store, (state) => state.choice);
  const systemIsDark = useMediaQuery('(prefers-color-scheme: dark)');
  // The system's own colours are in force: what keeps colours of its own, as charts do, has to stand out from them.
  const isForced = useMediaQuery('(forced-colors: active)');
  if (isForced) return systemIsDark;
  return choice === 'system' ? systemIsDark : choice === 'dark';
}

export function useFluentTheme(): Theme {
  return useIsDark() ? darkTheme : lightTheme;
}

export function useSeriesColours(): SeriesColours {
  return useIsDark() ? darkSeries : lightSeries;
}
