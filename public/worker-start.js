// Starts the upload engine: in a worker, or in the page where no worker can be started and a port was left for it. Keeps
// what the page says until the WASM is ready.
const scope = typeof document === "undefined" ? self : standIn(globalThis.sluicePort);
const early = [];
scope.onmessage = (event) => early.push(event);

try {
  const { default: init, start } = await import("/pkg/worker.js");
  await init({ module_or_path: "/pkg/worker_bg.wasm" });
  start(scope, early);
} catch (error) {
  console.error(error);
  scope.postMessage(
    JSON.stringify({
      phase: {
        phase: "broken",
        message: "The part of this page that sends files could not be loaded. Check the network and reload the page.",
      },
      totals: {
        files: 0, waiting: 0, sending: 0, stored: 0, failed: 0, refused: 0, cancelled: 0, bytes: 0, sent_bytes: 0, retries: 0,
      },
      bytes_per_second: 0,
      seconds_left: null,
      list_len: 0,
      first: 0,
      rows: [],
    }),
  );
}

// What of a worker's scope the engine uses, in a page.
function standIn(port) {
  return {
    performance,
    get indexedDB() {
      return indexedDB;
    },
    fetch: (...request) => fetch(...request),
    setTimeout: (...timer) => setTimeout(...timer),
    clearTimeout: (timer) => clearTimeout(timer),
    postMessage: (message) => port.postMessage(message),
    set onmessage(listener) {
      port.onmessage = listener;
    },
    set ononline(listener) {
      addEventListener("online", listener);
    },
  };
}
