import { Field, Link, Select, Text } from '@fluentui/react-components';
import { useState } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useTopic } from '../../components/hooks.ts';
import { problemOf } from '../../components/target-editor.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { navigate } from '../../stores/route-store.ts';
import { deliveryPath } from './delivery-paths.ts';
import { DeliveryWizard } from './delivery-wizard.tsx';

/** Asks what is delivered, then how; the delivery is opened once it is made. */
export function NewDeliveryDialog({ onClose }: { onClose: () => void }) {
  const packages = useTopic('packages');
  const [key, setKey] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const [chosen, setChosen] = useState<PackageSummary | null>(null);
  if (chosen !== null) {
    return (
      <DeliveryWizard delivered={chosen} onMade={(delivery) => navigate(deliveryPath(delivery.id))} onClose={onClose} />
    );
  }
  const deliverable = packages?.filter(({ withdrawn }) => !withdrawn) ?? [];
  const entry = deliverable.find((candidate) => candidate.key === key);
  const check = () => {
    setIsChecked(true);
    // The wizard takes the place of this dialog.
    if (entry !== undefined) setChosen(entry);
    return false;
  };
  return (
    <FormDialog
      title="New delivery"
      submitLabel="Next"
      typed={null}
      onCheck={check}
      onSubmit={() => Promise.resolve()}
      onClose={onClose}
    >
      {packages === null && <Waiting label="Waiting for the packages" />}
      {packages !== null && deliverable.length === 0 && (
        <Text>
          There is no package to deliver. <Link href="#/packages">Import one first.</Link>
        </Text>
      )}
      {deliverable.length > 0 && (
        <Field
          label="Package"
          required
          {...problemOf(isChecked && entry === undefined ? 'Choose what to deliver.' : null)}
        >
          <Select value={key} onChange={(_event, { value }) => setKey(value)}>
            <option value="">Choose a version…</option>
            {deliverable
              .toSorted((a, b) => a.name.localeCompare(b.name) || b.createdAtMs - a.createdAtMs)
              .map((candidate) => (
                <option key={candidate.key} value={candidate.key}>
                  {candidate.name} {candidate.version}
                </option>
              ))}
          </Select>
        </Field>
      )}
    </FormDialog>
  );
}
