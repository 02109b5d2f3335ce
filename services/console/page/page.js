// The status page. Everything that comes from a node is set as text, never as markup.

const REFRESH_MS = 2000;

/** element('td', { class: 'number' }, 'text' | child…) */
function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

const time = (ms) => (ms === null ? '–' : new Date(ms).toLocaleString());
const percent = (ratio) => `${Math.round(ratio * 100)} %`;

function table(caption, columns, rows) {
  if (rows.length === 0) return element('p', { class: 'empty' }, `No ${caption.toLowerCase()} yet.`);
  const head = columns.map(({ title, number }) =>
    element('th', { scope: 'col', ...(number ? { class: 'number' } : {}) }, title),
  );
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      ...columns.map(({ value, number, mark }) => {
        const shown = value(row);
        const type = [number ? 'number' : '', mark?.(row) ?? ''].join(' ').trim();
        return element('td', type ? { class: type } : {}, shown);
      }),
    ),
  );
  return element(
    'div',
    { class: 'frame', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body)),
  );
}

function list(title, items, type = '') {
  return element(
    'div',
    type ? { class: type } : {},
    element('h4', {}, title),
    element('ul', {}, ...items.map((item) => element('li', {}, item))),
  );
}

function findingCard(finding) {
  const scope = [finding.site, finding.tenant, finding.node].filter(Boolean).join(' › ');
  const onset = finding.onset
    ? `began between ${time(finding.onset.fromMs)} and ${time(finding.onset.toMs)}`
    : `since ${time(finding.openedMs)}`;
  const end = finding.closedMs === null ? '' : `, ended ${time(finding.closedMs)}`;
  return element(
    'article',
    { class: `finding ${finding.status}` },
    element('h3', {}, `${finding.kind} on ${finding.node}`),
    element('p', {}, `${scope} · severity ${finding.severity} · trust ${finding.grade} · ${onset}${end}`),
    element(
      'div',
      { class: 'grounds' },
      list(
        'Grounds',
        finding.reasons.map((ground) => ground.text),
      ),
      list(
        'Counter-grounds',
        finding.counterReasons.map((ground) => ground.text),
      ),
      list('What it cannot see', finding.unseen, 'unseen'),
    ),
  );
}

const alertColumns = (notices) => [
  { title: 'Summary', value: (alert) => alert.summary },
  { title: 'State', value: (alert) => alert.state },
  { title: 'Severity', value: (alert) => alert.severity },
  { title: 'Nodes', number: true, value: (alert) => alert.nodes.length },
  { title: 'Opened', value: (alert) => time(alert.openedMs) },
  { title: 'Resolved', value: (alert) => time(alert.resolvedMs) },
  { title: 'Told', value: (alert) => told(notices.filter((notice) => notice.alert === alert.id)) },
];

function told(notices) {
  const states = notices.map((notice) => {
    if (notice.deliveredMs !== null)
      return `${notice.event}${notice.lastError ? `: ${notice.lastError}` : ' ✓'}`;
    return `${notice.event}: ${notice.lastError ?? 'waiting'} (${notice.attempts} tries)`;
  });
  return states.join(', ') || 'nobody yet';
}

const behaviour =
  (names) =>
  ({ assessment }) => {
    if (!assessment) return 'not assessed yet';
    const [code, share] = Object.entries(assessment.behaviours).sort((a, b) => b[1] - a[1])[0] ?? ['B13', 1];
    return `${code} ${names[code]} (${percent(share)})`;
  };

const nodeColumns = (names) => [
  { title: 'Node', value: (node) => node.node },
  { title: 'Site', value: (node) => node.site },
  { title: 'Tenant', value: (node) => node.tenant ?? '–' },
  {
    title: 'Heartbeat',
    value: (node) => node.assessment?.heartbeat ?? '–',
    mark: (node) => ({ present: 'good', missed: 'bad', blind: 'bad' })[node.assessment?.heartbeat] ?? '',
  },
  { title: 'Behaviour', value: behaviour(names) },
  { title: 'Conformity', value: (node) => node.assessment?.conformity ?? '–' },
  { title: 'Trust', value: (node) => node.assessment?.grade ?? '–' },
  { title: 'Newest window', value: (node) => time(node.assessment?.windowEndMs ?? null) },
];

const lossColumns = [
  { title: 'Node', value: (row) => row.node },
  { title: 'Boot', value: (row) => row.boot.slice(0, 8) },
  ...['sent', 'stored', 'dead', 'dropped', 'inFlight'].map((key) => ({
    title: { inFlight: 'in flight', dead: 'dead-lettered' }[key] ?? key,
    number: true,
    value: (row) => row[key].toLocaleString(),
    mark: (row) => ((key === 'dead' || key === 'dropped') && row[key] > 0 ? 'bad' : ''),
  })),
];

function show(status) {
  const open = status.findings.filter((finding) => finding.status === 'open').length;
  const active = status.alerts.filter((alert) => alert.state !== 'resolved').length;
  const figures = [
    ['nodes', status.nodes.length],
    ['open findings', open],
    ['active alerts', active],
    ['frames stored', status.totals.stored.toLocaleString()],
    ['frames in flight', status.totals.inFlight.toLocaleString()],
    ['dead-lettered', status.totals.dead.toLocaleString()],
  ];
  const cards = status.findings.map(findingCard);
  const none = element('p', { class: 'empty' }, 'No findings. That is what was seen, not all there is.');
  replace(
    'figures',
    ...figures.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
  replace('alerts', table('Alerts', alertColumns(status.notices), status.alerts));
  replace('findings', ...(cards.length > 0 ? cards : [none]));
  replace('nodes', table('Nodes', nodeColumns(status.behaviours), status.nodes));
  replace('loss', table('Frames', lossColumns, status.loss));
}

/** Redraws a part only when it changed: focus, selection and scroll position stay where they are. */
function replace(id, ...children) {
  const place = document.getElementById(id);
  const next = element('div', {}, ...children);
  if (place.innerHTML !== next.innerHTML) place.replaceChildren(...next.childNodes);
}

function say(message) {
  const state = document.getElementById('state');
  if (state.textContent !== message) state.textContent = message;
}

async function refresh() {
  try {
    const response = await fetch('/api/status');
    if (!response.ok) throw new Error(`the console answered ${response.status}`);
    show(await response.json());
    say('Live, every two seconds');
  } catch (error) {
    say(`Not up to date: ${error.message}`);
  }
}

await refresh();
setInterval(refresh, REFRESH_MS);
