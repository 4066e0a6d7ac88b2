import { Link, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { LicencesFile, LicensedComponent } from '../../../shared/contracts/licences-file.ts';
import { messageOf } from '../../api/console-client.ts';
import { desktopBridge } from '../../api/desktop-bridge.ts';
import { readLicences } from '../../api/licences.ts';
import type { PageProps } from '../../app/pages.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Facts } from '../../components/facts.tsx';
import { ListWithPanel } from '../../components/list-with-panel.tsx';
import { Page } from '../../components/page.tsx';
import { Position } from '../../components/position.tsx';
import { RowLink } from '../../components/row-link.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { Waiting } from '../../components/waiting.tsx';
import { navigate } from '../../stores/route-store.ts';

const listPath = '/about/licences';
const idOf = ({ name, version }: LicensedComponent) => `${name}@${version}`;
const pathOf = (component: LicensedComponent) => `${listPath}/${encodeURIComponent(idOf(component))}`;

const columns: readonly TableColumn<LicensedComponent>[] = [
  {
    id: 'name',
    header: 'Component',
    value: (entry) => entry.name,
    cell: (entry) => <RowLink path={pathOf(entry)}>{entry.name}</RowLink>,
    width: 220,
    grow: 2,
  },
  { id: 'version', header: 'Version', value: (entry) => entry.version, width: 100, grow: 0 },
  { id: 'licence', header: 'Licence', value: (entry) => entry.licence, width: 140, grow: 1 },
];

const useStyles = makeStyles({
  text: {
    margin: '16px 0 0',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
  },
});

/** Whose work is in the product, and under which terms. */
export function LicencesPage({ parameters }: PageProps) {
  const { data, error } = useQuery({ queryKey: ['licences.json'], queryFn: readLicences, staleTime: Infinity });
  const opened = data?.components.find((component) => idOf(component) === parameters.name);
  return (
    <Page
      title="Third-party licences"
      above={<Position list="About" path="/about" name="Third-party licences" />}
      description={
        desktopBridge === null
          ? 'What Fanout is built with.'
          : 'What Fanout is built with. Those of Electron and Chromium are in the application’s own folder.'
      }
      isFull
    >
      {error !== null && (
        <MessageBar intent="error">
          <MessageBarBody>{messageOf(error)}</MessageBarBody>
        </MessageBar>
      )}
      {data === undefined && error === null && <Waiting label="Reading the licences" />}
      {data !== undefined && (
        <ListWithPanel
          panel={
            opened !== undefined && (
              <SidePanel title={`${opened.name} ${opened.version}`} onClose={() => navigate(listPath)}>
                <Terms component={opened} texts={data.texts} />
              </SidePanel>
            )
          }
        >
          <DataTable
            label="Third-party licences"
            noun="component"
            columns={columns}
            rows={data.components}
            rowId={idOf}
            sortedBy={{ id: 'name' }}
            onOpen={(entry) => navigate(pathOf(entry))}
            isFilling
            empty="No component has these letters in its name or licence."
          />
        </ListWithPanel>
      )}
    </Page>
  );
}

function Terms({ component, texts }: { component: LicensedComponent; texts: LicencesFile['texts'] }) {
  const styles = useStyles();
  const { licence, homepage } = component;
  const place = homepage.startsWith('https://') ? (
    <Link href={homepage} target="_blank" rel="noreferrer">
      {homepage}
    </Link>
  ) : (
    homepage || 'not said'
  );
  return (
    <>
      <Facts
        facts={[
          ['Licence', licence],
          ['From', place],
        ]}
      />
      {component.texts.map((index) => (
        <pre key={index} className={styles.text}>
          {texts[index]}
        </pre>
      ))}
      {component.texts.length === 0 && <Text>Its author ships no text of the licence.</Text>}
    </>
  );
}
