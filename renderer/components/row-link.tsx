import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
});

/** A link inside a row that opens by click as a whole: one click must not be two steps of the history. */
export function RowLink({ path, children }: { path: string; children: ReactNode }) {
  return (
    <a href={`#${path}`} className={useStyles().link} onClick={(event) => event.stopPropagation()}>
      {children}
    </a>
  );
}
