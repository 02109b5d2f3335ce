import type { Severity } from '#libs/model/finding.ts';
import type { Fact, Item, Letter, Section } from './letter.ts';

/** Of the mark: its ground in light and dark; the letters on it are white and black. */
const TONES: Readonly<Record<Severity, readonly [ground: string, name: string]>> = {
  high: ['#a4262c', 'high'],
  medium: ['#8f4d00', 'medium'],
  low: ['#35618f', 'low'],
  info: ['#1c6b3c', 'info'],
};

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const SMALL = `${FONT};font-size:14px;line-height:21px`;
const INK = 'color:#1d1c1a';
const SOFT = 'color:#5d5a54';
const LINE = 'border-top:1px solid #e2dfd8';

/** What readers who know dark mode and narrow windows add to the styles in place; the others need none of it. */
const STYLE = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media(prefers-color-scheme:dark){
.g{background:#14130f!important}.c{background:#1d1c18!important;border-color:#35332d!important}
.i{color:#eeece6!important}.s{color:#aaa59a!important}.l{border-color:#35332d!important}.a{color:#ffb454!important}
.b{background:#ffb454!important;color:#14130f!important}.w{background:#2a2216!important;color:#ffcf8a!important}
.t-high{background:#ff8f8a!important;color:#14130f!important}.t-medium{background:#ffb454!important;color:#14130f!important}
.t-low{background:#8fb8e6!important;color:#14130f!important}.t-info{background:#7fd39c!important;color:#14130f!important}
}
@media(max-width:480px){.p{padding:20px 16px!important}}`;

/** A letter as HTML: styles in place, tables for layout, nothing that is fetched. */
export function letterHtml(letter: Letter): string {
  const { title, lead, facts, sections, link, note, subject } = letter;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escaped(subject)}</title><style>${STYLE}</style></head>
<body class="g" style="margin:0;padding:0;background:#faf9f6">
<table role="presentation" class="g" width="100%" cellpadding="0" cellspacing="0" style="background:#faf9f6"><tr><td align="center" style="padding:16px 8px">
<table role="presentation" class="c" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;background:#ffffff;border:1px solid #e2dfd8;border-radius:8px"><tr><td class="p" style="padding:28px 32px;text-align:left">
${simulatedHtml(letter)}${markHtml(letter)}
<h1 class="i" style="${FONT};${INK};font-size:22px;line-height:29px;font-weight:600;margin:12px 0 6px">${escaped(title)}</h1>
<p class="s" style="${FONT};${SOFT};font-size:16px;line-height:24px;margin:0 0 20px">${escaped(lead)}</p>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0">${facts.map(factHtml).join('\n')}</table>
${sections.map(sectionHtml).join('\n')}
${link ? buttonHtml(link) : ''}
<p class="s l" style="${SMALL};${SOFT};${LINE};margin:28px 0 0;padding-top:16px">${escaped(note)}</p>
</td></tr></table></td></tr></table></body></html>
`;
}

function simulatedHtml({ simulated }: Letter): string {
  if (simulated === null) return '';
  return `<p class="w" style="${SMALL};font-weight:600;background:#fdf3e3;color:#6b3a00;border-radius:6px;margin:0 0 16px;padding:8px 12px">${escaped(simulated)}</p>\n`;
}

function markHtml({ mark }: Letter): string {
  const [ground, name] = TONES[mark.tone];
  return `<span class="t-${name}" style="${FONT};display:inline-block;font-size:13px;line-height:20px;font-weight:600;color:#ffffff;background:${ground};border-radius:4px;padding:2px 8px">${escaped(mark.text)}</span>`;
}

function factHtml([label, value]: Fact): string {
  const cell = `${SMALL};${LINE};padding:7px 0;vertical-align:top`;
  return `<tr><td class="s l" width="90" style="${cell};${SOFT}">${escaped(label)}</td><td class="i l" style="${cell};${INK};word-break:break-word">${escaped(value)}</td></tr>`;
}

function sectionHtml({ heading, items, none }: Section): string {
  const head = `<h2 class="i" style="${FONT};${INK};font-size:16px;line-height:24px;font-weight:600;margin:26px 0 6px">${escaped(heading)}</h2>`;
  if (items.length === 0)
    return `${head}\n<p class="s" style="${SMALL};${SOFT};margin:0">${escaped(none)}</p>`;
  return `${head}\n<ul style="margin:0;padding:0 0 0 20px">${items.map(itemHtml).join('\n')}</ul>`;
}

function itemHtml({ text, aside, href }: Item): string {
  const said = href
    ? `<a class="a" href="${escaped(href)}" style="color:#a85a00">${escaped(text)}</a>`
    : escaped(text);
  const small = aside
    ? ` <span class="s" style="${SOFT};font-size:13px;display:${href ? 'block' : 'inline'}">${escaped(aside)}</span>`
    : '';
  return `<li class="i" style="${SMALL};${INK};margin:0 0 6px;word-break:break-word">${said}${small}</li>`;
}

function buttonHtml({ text, href }: NonNullable<Letter['link']>): string {
  return `<p style="margin:26px 0 0"><a class="b" href="${escaped(href)}" style="${FONT};display:inline-block;font-size:16px;line-height:24px;font-weight:600;color:#ffffff;background:#a85a00;border-radius:6px;padding:9px 18px;text-decoration:none">${escaped(text)}</a></p>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
