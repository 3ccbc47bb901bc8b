"""What ``scrapy startproject`` writes, with the gate added."""

from __future__ import annotations

BOT_NAME = "ordinary"
SPIDER_MODULES = ["ordinary.spiders"]
ADDONS = {"crawler.addon.OptOutAddon": 500}
USER_AGENT = "ordinary-bot/1.0 (+https://crawler.test/bot)"
ROBOTSTXT_OBEY = True
TELNETCONSOLE_ENABLED = True
REMOTE_CONTROL_ENABLED = True
ITEM_PIPELINES = {"scrapy.pipelines.files.FilesPipeline": 1}
OPTOUT_ALLOW_PRIVATE = True
OPTOUT_RETRY_DELAY = 0.2
RETRY_TIMES = 2
LOG_LEVEL = "WARNING"
