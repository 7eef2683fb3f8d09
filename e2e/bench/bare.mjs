/** The page of the bare measurement: hands each order to a fresh worker, as the studio does. */
globalThis.trustedTypes?.createPolicy('default', { createScriptURL: (url) => url });

globalThis.measureBare = (order) =>
  new Promise((resolve, reject) => {
    const worker = new Worker('/bench/bare.worker.mjs', { type: 'module' });
    worker.addEventListener('message', ({ data }) => {
      worker.terminate();
      if (data.ok) resolve(data.times);
      else reject(new Error(data.message));
    });
    worker.addEventListener('error', (event) => reject(new Error(event.message)));
    worker.postMessage(order);
  });
