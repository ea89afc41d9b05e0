/** The menu of a first visit shows the guide and the tools; afterwards typedoc remembers what its reader has opened. */
for (const part of ['Guide', 'Tools', 'API']) {
  const key = `tsd-accordion-${part}`;
  if (localStorage.getItem(key) === null) localStorage.setItem(key, 'true');
}
