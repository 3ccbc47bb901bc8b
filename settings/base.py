"""What every profile shares: the gate, the frontier, and Scrapy without what a corpus crawl does not need.

The four places where stock Scrapy spends most of a crawl's time are stepped round here: decompression that
looks for an encoding in compressed bytes (our middleware), a parse of the spider's source for every response, a
hundred item workers for every response, and a queue that looks at every host for every request (our scheduler).
"""

from __future__ import annotations

BOT_NAME = "heedful"
SPIDER_MODULES = ["crawler.spiders"]
ADDONS = {"crawler.addon.OptOutAddon": 500}
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TWISTED_DNS_RESOLVER = "crawler.resolver.GuardedResolver"

SCHEDULER = "crawler.frontier.scheduler.FrontierScheduler"
ITEM_PIPELINES = {"crawler.pipelines.RecordPipeline": 100}
EXTENSIONS = {
    "crawler.extensions.Limits": 100,
    "crawler.extensions.Progress": 200,
    "crawler.extensions.Sealing": 300,
    "crawler.metrics.extension.Metrics": 400,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
}

# Redirects and retries are frontier entries; the others have nothing to do in a crawl without sessions.
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}

DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,image/*;q=0.9,*/*;q=0.8"}
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_DELAY_JITTER = 0.0
CONCURRENT_REQUESTS = 256
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 4
REACTOR_THREADPOOL_MAXSIZE = 16
LOG_LEVEL = "WARNING"
LOG_FORMATTER = "crawler.logs.Quiet"
