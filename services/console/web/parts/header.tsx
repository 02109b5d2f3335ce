import { useLocation } from 'preact-iso/router';
import type { OverviewView } from '../../api/contract/fleet.ts';
import { zoneAt } from '../format.ts';
import { live } from '../live.ts';
import { currentSession, logOut, may } from '../session.ts';
import { useStore } from '../store.ts';
import { Lamp } from './lamp.tsx';
import { ThemeToggle } from './theme.tsx';
import { useNow } from './when.tsx';

const LIVE_WORDS = { connecting: 'connecting', connected: 'live', reconnecting: 'reconnecting' };

/** Lamp, navigation, and whether what one sees is up to date. */
export function Header({ overview }: { readonly overview: OverviewView | null }) {
  const state = useStore(live.state);
  const { person, simulated } = currentSession();
  const nowMs = useNow();
  const waiting = (overview?.alerts.open ?? 0) + (overview?.alerts.escalated ?? 0);
  return (
    <header>
      <div class="top">
        <a class="brand" href="/">
          <Lamp lit={waiting > 0} />
          davylamp
          <span class="hidden">{waiting > 0 ? `: ${waiting} alerts wait for a person` : ''}</span>
        </a>
        <Navigation waiting={waiting} />
        <div class="me">
          <span class={`live ${state}`} role="status">
            <i aria-hidden="true" />
            {LIVE_WORDS[state]}
          </span>
          <span
            class="small soft nowrap"
            title={`Times are those of ${Intl.DateTimeFormat().resolvedOptions().timeZone}`}
          >
            <span class="zone-words">times in </span>
            {zoneAt(nowMs)}
          </span>
          <ThemeToggle />
          <a class="name small" href="/settings" title={`Role: ${person.role}`}>
            {person.name}
          </a>
          <button
            type="button"
            class="plain icon"
            onClick={() => void logOut()}
            aria-label="Log out"
            title="Log out"
          >
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M10 4H5v16h5M15 8l4 4-4 4M19 12H9" />
            </svg>
          </button>
        </div>
      </div>
      {simulated && (
        <p class="banner">
          <strong>Simulated</strong> nodes are among these: sites whose names begin with{' '}
          <code>simulated-</code> hold no real machines.
        </p>
      )}
    </header>
  );
}

function Navigation({ waiting }: { readonly waiting: number }) {
  const { path } = useLocation();
  const link = (href: string, text: string, here: boolean, badge = 0) => (
    <a href={href} {...(here ? { 'aria-current': 'page' as const } : {})}>
      {text}
      {badge > 0 && <span class="tag flame strong">{badge > 999 ? '999+' : badge}</span>}
    </a>
  );
  return (
    <nav class="nav" aria-label="Pages">
      {link('/', 'Fleet', path === '/' || path.startsWith('/nodes'))}
      {link('/alerts', 'Alerts', path.startsWith('/alerts'), waiting)}
      {may('viewer') && link('/quality', 'Data quality', path === '/quality')}
      {link('/decides', 'How it decides', path === '/decides')}
      {link('/settings', 'Settings', path.startsWith('/settings'))}
    </nav>
  );
}
