import { setFlagsFromString } from 'node:v8';

/*
 * Imported before anything else of a worker process: an agent is a guest on its computer. V8 then keeps fewer spare pages
 * and less compiled code; what an agent spends its time on is native code anyway (TLS, SHA-256, files).
 */
setFlagsFromString('--optimize-for-size');
