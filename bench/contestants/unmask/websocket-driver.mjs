/** The mask function of websocket-driver, which runs under Faye and Meteor. It works in place, byte by byte. */
import Hybi from 'websocket-driver/lib/websocket/driver/hybi.js';
import { lapOf } from './peer.mjs';

export const lap = lapOf((bytes, key) => Hybi.mask(bytes, key));
