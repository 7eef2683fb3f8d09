export declare const HUB_ORIGIN: string;
export declare const DOWNLOAD_HOSTS: readonly string[];
