// Searches the texts of all pages. The index is a script that is loaded with the first letter, so that it works from file:// too.
const up = document.currentScript.dataset.up;

/** Sections in which all words occur, those with the words in their titles first. */
function found(sections, words) {
  const hits = [];
  for (const [page, title, address, text] of sections) {
    const titles = (page + ' ' + title).toLowerCase();
    const all = titles + ' ' + text.toLowerCase();
    if (words.every(word => all.includes(word))) {
      const inTitle = words.filter(word => title.toLowerCase().includes(word)).length;
      const inPage = words.filter(word => page.toLowerCase().includes(word)).length;
      hits.push({ page, title, address, text, points: 3 * inTitle + inPage + (address.startsWith('docs/') ? 1 : 0) });
    }
  }
  return hits.sort((one, other) => other.points - one.points).slice(0, 20);
}

/** The text around the first word, with all words marked. */
function excerpt(text, words) {
  const lower = text.toLowerCase();
  const at = Math.min(...words.map(word => lower.indexOf(word)).filter(place => place >= 0), text.length);
  const start = Math.max(0, at === text.length ? 0 : at - 60);
  const line = document.createElement('span');
  let rest = (start > 0 ? '...' : '') + text.slice(start, start + 180);
  while (rest) {
    const places = words.map(word => [rest.toLowerCase().indexOf(word), word.length]).filter(([place]) => place >= 0);
    const [place, length] = places.sort((one, other) => one[0] - other[0])[0] ?? [rest.length, 0];
    line.append(rest.slice(0, place));
    if (length) {
      const mark = document.createElement('mark');
      mark.textContent = rest.slice(place, place + length);
      line.append(mark);
    }
    rest = rest.slice(place + length);
  }
  return line;
}

function show(query, results) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  results.replaceChildren();
  results.hidden = !words.length;
  if (!words.length || !window.searchIndex) {
    return;
  }
  const hits = found(window.searchIndex, words);
  for (const hit of hits) {
    const link = document.createElement('a');
    link.href = up + hit.address;
    const title = document.createElement('strong');
    title.textContent = hit.title === hit.page ? hit.title : hit.page + ': ' + hit.title;
    link.append(title, excerpt(hit.text, words));
    link.addEventListener('click', () => { results.hidden = true; });
    results.append(link);
  }
  if (!hits.length) {
    const none = document.createElement('p');
    none.textContent = 'Nothing has all of these words.';
    results.append(none);
  }
}

const input = document.getElementById('search');
const results = document.getElementById('results');
let asked = false;

input.addEventListener('input', () => {
  if (!asked) {
    asked = true;
    const script = document.createElement('script');
    script.src = up + 'search-index.js';
    script.addEventListener('load', () => show(input.value, results));
    document.head.append(script);
  }
  show(input.value, results);
});
input.form.addEventListener('submit', event => {
  event.preventDefault();
  results.querySelector('a')?.click();
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    results.hidden = true;
  } else if (event.key === '/' && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  }
});
document.addEventListener('click', event => {
  if (!results.contains(event.target) && event.target !== input) {
    results.hidden = true;
  }
});
// On a phone the list of pages would stand before the text.
if (window.matchMedia('(max-width: 800px)').matches) {
  document.querySelector('.pages').open = false;
}
