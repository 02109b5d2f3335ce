import { useEffect } from 'preact/hooks';
import { LocationProvider, Route, Router } from 'preact-iso/router';
import type { OverviewView } from '../api/contract/fleet.ts';
import { AlertPage } from './alerts/alert-page.tsx';
import { QueuePage } from './alerts/queue-page.tsx';
import { ApiError } from './api.ts';
import { DecidesPage } from './decides/decides-page.tsx';
import { FleetPage } from './fleet/fleet-page.tsx';
import { live } from './live.ts';
import { NodePage } from './node/node-page.tsx';
import { LoginPage } from './pages/login.tsx';
import { MissingPage } from './pages/missing.tsx';
import { QualityPage } from './pages/quality.tsx';
import { Header } from './parts/header.tsx';
import { Failure } from './parts/states.tsx';
import { loadSession, session } from './session.ts';
import { SettingsPage } from './settings/settings-page.tsx';
import { useStore } from './store.ts';
import { useLoad } from './use-load.ts';

const OVERVIEW_MS = 15_000;

export function App() {
  const who = useStore(session);
  if (who === 'unknown') return null;
  if (who === null) return <LoginPage />;
  if (who instanceof ApiError)
    return (
      <main class="page">
        <Failure error={who} retry={() => void loadSession()} />
      </main>
    );
  return (
    <LocationProvider>
      <LoggedIn />
    </LocationProvider>
  );
}

function LoggedIn() {
  const overview = useLoad<OverviewView>('/api/overview');
  useEffect(() => {
    live.start();
    const stopAlerts = live.onAlert(overview.reload);
    const timer = setInterval(overview.reload, OVERVIEW_MS);
    return () => {
      clearInterval(timer);
      stopAlerts();
      live.stop();
    };
  }, [overview.reload]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header overview={overview.data} />
      <Router>
        <Route path="/" component={FleetPage} />
        <Route path="/alerts" component={QueuePage} />
        <Route path="/alerts/:id" component={AlertPage} />
        <Route path="/nodes/:node" component={NodePage} />
        <Route path="/quality" component={QualityPage} />
        <Route path="/decides" component={DecidesPage} />
        <Route path="/settings" component={SettingsPage} />
        <Route default component={MissingPage} />
      </Router>
    </>
  );
}
