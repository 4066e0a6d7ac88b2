import { Field, makeStyles, Select, Tag, TagGroup } from '@fluentui/react-components';
import { unassignedSite } from '../../../shared/contracts/reports-api.ts';
import { navigate } from '../../stores/route-store.ts';
import { OwnRange, RangePicker } from './range-picker.tsx';
import { type Grouping, type ReportAddress, type ReportFilter, reportPath, reportTraits } from './report-address.ts';
import { filterWords, groupingWords, type KnownNames } from './report-words.ts';

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'start', gap: '8px 12px' },
  choice: { width: '196px', maxWidth: '100%', '& select': { textOverflow: 'ellipsis' } },
  tags: { flexWrap: 'wrap', rowGap: '4px' },
});

const filterLabels: Readonly<Record<ReportFilter, string>> = {
  siteId: 'Site',
  subnet: 'Subnet',
  key: 'Package',
  policyId: 'Policy',
  agentId: 'Agent',
  deliveryId: 'Delivery',
};

/** What the report is about; everything chosen here goes into the address. */
export function FilterBar({ address, known }: { address: ReportAddress; known: KnownNames }) {
  const styles = useStyles();
  const traits = reportTraits[address.report];
  const isOffered = (filter: ReportFilter) => traits.filters.includes(filter) && address.report !== 'penetration';
  return (
    <>
      <div className={styles.bar}>
        <RangePicker address={address} />
        {address.range === 'own' && <OwnRange key={`${address.fromMs} ${address.toMs}`} address={address} />}
        {traits.groupings.length > 0 && (
          <Field label="A row for each" className={styles.choice}>
            <Select
              value={address.by}
              onChange={(_event, { value }) => navigate(reportPath({ ...address, by: value as Grouping }))}
            >
              {traits.groupings.map((grouping) => (
                <option key={grouping} value={grouping}>
                  {groupingWords[grouping]}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {isOffered('siteId') && (
          <FilterChoice
            address={address}
            filter="siteId"
            every="All sites"
            options={[
              ...known.sites.map(({ id, name }) => [id, name] as const),
              [unassignedSite, 'Unassigned'] as const,
            ]}
          />
        )}
        {isOffered('key') && (
          <FilterChoice
            address={address}
            filter="key"
            every="All packages"
            options={known.packages.map(({ key, name, version }) => [key, `${name} ${version}`])}
          />
        )}
        {isOffered('policyId') && (
          <FilterChoice
            address={address}
            filter="policyId"
            every="All policies"
            options={known.policies.map(({ id, name }) => [id, name])}
          />
        )}
      </div>
      <FilterTags address={address} known={known} />
    </>
  );
}

interface FilterChoiceProps {
  readonly address: ReportAddress;
  readonly filter: ReportFilter;
  readonly every: string;
  readonly options: readonly (readonly [id: string, name: string])[];
}

function FilterChoice({ address, filter, every, options }: FilterChoiceProps) {
  const styles = useStyles();
  const value = address.filters[filter];
  const isKnown = value === undefined || options.some(([id]) => id === value);
  return (
    <Field label={filterLabels[filter]} className={styles.choice}>
      <Select value={value ?? ''} onChange={(_event, data) => navigate(withFilter(address, filter, data.value))}>
        <option value="">{every}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {options.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** What was come to by a click and has no list to be chosen from; each can be left again. */
function FilterTags({ address, known }: { address: ReportAddress; known: KnownNames }) {
  const styles = useStyles();
  const shown = (['subnet', 'agentId'] as const).filter((filter) => address.filters[filter] !== undefined);
  if (shown.length === 0) return null;
  return (
    <TagGroup
      aria-label="Only"
      className={styles.tags}
      onDismiss={(_event, { value }) => navigate(withFilter(address, value as ReportFilter, ''))}
    >
      {shown.map((filter) => {
        const words = `${filterLabels[filter].toLowerCase()} ${filterWords(filter, address.filters[filter] ?? '', known)}`;
        return (
          <Tag
            key={filter}
            value={filter}
            appearance="brand"
            dismissible
            dismissIcon={{ 'aria-label': `Remove: only ${words}` }}
          >
            Only {words}
          </Tag>
        );
      })}
    </TagGroup>
  );
}

function withFilter(address: ReportAddress, filter: ReportFilter, value: string): string {
  const { [filter]: _before, ...others } = address.filters;
  return reportPath({ ...address, filters: value === '' ? others : { ...others, [filter]: value } });
}
