import type { Item, Letter, Section } from './letter.ts';

const WIDTH = 76;

/** A letter as plain text, lines of at most 76 characters where words allow it. */
export function letterText(letter: Letter): string {
  const { mark, title, simulated, lead, facts, sections, link, note } = letter;
  const labelWidth = Math.max(0, ...facts.map(([label]) => label.length)) + 2;
  const parts = [
    simulated,
    wrap(`${mark.text}: ${title}`),
    wrap(lead),
    facts.map(([label, value]) => wrap(value, label.padEnd(labelWidth))).join('\n'),
    ...sections.map(sectionText),
    link && `${link.text}:\n${link.href}`,
    `-- \n${wrap(note)}`,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function sectionText({ heading, items, none }: Section): string {
  const lines = items.length > 0 ? items.map(itemText) : [`  ${none}`];
  return [heading, ...lines].join('\n');
}

function itemText({ text, aside, href }: Item): string {
  const line = wrap(aside ? `${text} (${aside})` : text, '  * ');
  return href ? `${line}\n    ${href}` : line;
}

/** Breaks at spaces; `lead` stands before the first line, and its width before the others. */
function wrap(text: string, lead = ''): string {
  const lines = [''];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.length - 1;
    const longer = lines[last] ? `${lines[last]} ${word}` : word;
    if (lead.length + longer.length <= WIDTH || lines[last] === '') lines[last] = longer;
    else lines.push(word);
  }
  return lines.map((line, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + line).join('\n');
}
