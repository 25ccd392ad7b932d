export { DgramSocket, SendCallback, SendCb } from '../index';
