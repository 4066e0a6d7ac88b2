import { Select } from '@fluentui/react-components';
import { useMemo } from 'react';
import type { Site } from '../../shared/contracts/sites-api.ts';
import { siteNodes } from '../stores/site-tree.ts';

interface SiteSelectProps {
  readonly sites: readonly Site[];
  /** Ids that cannot be chosen. */
  readonly excluded?: ReadonlySet<string>;
  /** What '' means. */
  readonly topLabel: string;
  readonly value: string;
  readonly onChange: (siteId: string) => void;
}

/** One of the sites, in the order of the tree and indented as there. */
export function SiteSelect({ sites, excluded, topLabel, value, onChange, ...field }: SiteSelectProps) {
  const nodes = useMemo(() => siteNodes(sites, [], []), [sites]);
  return (
    <Select {...field} value={value} onChange={(_event, data) => onChange(data.value)}>
      <option value="">{topLabel}</option>
      {nodes
        .filter(({ site }) => excluded?.has(site.id) !== true)
        .map(({ site, depth }) => (
          <option key={site.id} value={site.id}>
            {'\u2003'.repeat(depth)}
            {site.name}
          </option>
        ))}
    </Select>
  );
}
