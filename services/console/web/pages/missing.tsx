import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';

export function MissingPage() {
  return (
    <Page title="Not found">
      <Empty title="There is no page at this address">
        <p>
          <a href="/">The fleet</a> and <a href="/alerts">the alerts</a> are good places to begin.
        </p>
      </Empty>
    </Page>
  );
}
