import { Text } from '@fluentui/react-components';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { PenetrationChart } from '../../components/penetration-chart.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { begunOf } from './delivery-words.ts';

const refreshMs = 10_000;

/** How many agents had got how far, over time. */
export function PenetrationSection({ delivery }: { delivery: Delivery }) {
  const answer = useAnswer('penetrationReport', { query: { deliveryId: delivery.id } }, { everyMs: refreshMs });
  return (
    <AnswerView answer={answer} label="Reading the penetration">
      {(report) => (
        <PenetrationChart
          report={report}
          title="Penetration"
          hasInstallation={delivery.installation !== null}
          {...(report.points.length === 0 || begunOf(delivery) === 0
            ? { nothing: <Text>The delivery has not begun.</Text> }
            : {})}
        />
      )}
    </AnswerView>
  );
}
