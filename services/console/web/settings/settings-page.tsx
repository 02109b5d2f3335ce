import { Page } from '../parts/page.tsx';
import { currentSession, may } from '../session.ts';
import { Channels } from './channels.tsx';
import { Enrolling } from './enrolling.tsx';
import { Password } from './password.tsx';
import { People } from './people.tsx';
import { Silences } from './silences.tsx';

export function SettingsPage() {
  const { version } = currentSession();
  return (
    <Page title="Settings" aside={<span class="small soft">davylamp {version}</span>}>
      <div class="settings three">
        {may('operator') && <Silences />}
        {may('admin') && <People />}
        <Password />
        {may('operator') && <Channels />}
        {may('operator') && <Enrolling />}
      </div>
    </Page>
  );
}
