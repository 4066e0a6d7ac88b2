import { Link } from '@fluentui/react-components';
import { EmptyState } from '../components/empty-state.tsx';

export function NotFoundPage({ path }: { path: string }) {
  return (
    <EmptyState title="There is no such page" titleAs="h1" action={<Link href="#/overview">Go to the Overview</Link>}>
      The address “{path}” leads nowhere in this version of the console. A link may be cut short or out of date.
    </EmptyState>
  );
}
