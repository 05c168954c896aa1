// What both versions of Uppy have in common: a Dashboard, as its documentation shows it, that begins by itself.

/** Starts it; answers the selector of its file input. */
export function dashboard({ Uppy, Dashboard }, place, addStore) {
  const uppy = new Uppy({ autoProceed: true });
  uppy.use(Dashboard, { target: place, inline: true, height: 600 });
  addStore(uppy);
  uppy.on('error', (error) => console.error(error));
  uppy.on('upload-error', (file, error) => console.error(file?.name, error));
  uppy.on('complete', (result) => (window.finished = { failed: result.failed?.length ?? 0 }));
  return '.uppy-Dashboard-input';
}

/** Adds a stylesheet: it is measured as people see it. */
export function style(href) {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  document.head.append(link);
  return new Promise((resolve) => (link.onload = resolve));
}
