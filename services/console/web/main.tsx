import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/parts.css';
import './styles/frame.css';
import './styles/fleet.css';
import './styles/verdict.css';
import './styles/pages.css';
import './styles/decides.css';
import { getAhead } from './api.ts';
import { App } from './app.tsx';
import { boardPath, readOptions } from './fleet/options.ts';
import { loadSession } from './session.ts';

// The largest answer first: it is under way while the session is looked up.
if (location.pathname === '/') getAhead(boardPath(readOptions(location.search).span));
void loadSession();
const root = document.getElementById('app');
if (root) render(<App />, root);
